"""Kommuninvånarregistret KIR: who lives in Tallinge, shown to nobody who does not say why."""
