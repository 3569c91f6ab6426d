"""A trained GPT as a web server that speaks OpenAI's protocol, on this computer only."""
