"""Ragnhild: write tasks for software robots in a municipal contact centre."""
