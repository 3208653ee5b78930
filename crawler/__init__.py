"""From a public page to mentions of people and organisations. Never imports `pipelines`."""
