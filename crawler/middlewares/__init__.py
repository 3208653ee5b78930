"""What stands between a spider and a site: rights, incremental fetch, the browser."""
