"""Renhållning Framtid: customers, facilities, services, orders and routes of the waste collection, in frames."""
