"""What is wrong with an answer: known mistakes, small changes, what its values tell, and how it is said."""
