"""Ekonomiportalen Saldo: customers, invoices and payments of the municipality, in a portal of tabs."""
