"""Setting a site up: what is asked, the account tried out, the folder written (``wikibridge init``)."""
