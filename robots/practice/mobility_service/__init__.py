"""Alfrida Färdtjänst: person files, investigations in a wizard that saves by itself, letters and interview times."""
