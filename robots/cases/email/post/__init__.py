"""How mails come and go: the mail servers, and the base of a system that is worked in by e-mail."""
