"""Reading data: tables, images, labelled texts, token streams."""
