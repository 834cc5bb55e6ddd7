"""The drawing archive: a server-rendered e-archive of the 2000s, with the session id in every address."""
