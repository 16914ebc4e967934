"""Choosing by ear among takes of a record's sections: kept choices, short sounds of takes, a page to listen on."""
