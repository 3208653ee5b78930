"""Runs that cron can trust: plans, leases, history, alerts."""
