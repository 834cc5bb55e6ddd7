"""The guide's desk: the web pages and the API by which people start robots, follow them and take over from them."""
