"""Policy packs, one folder for each concern. They import `components.naming` and nothing else of ours."""
