"""Looking after what is stored: screening it by today's rules, keeping out who is out, restoring a backup."""
