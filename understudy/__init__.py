"""Understudy: a faithful copy of production for every branch, on AWS or offline on one machine.

`understudy.cli` is the command line, `understudy.environments` brings environments up and down,
`understudy.images` builds the services' images, `understudy.smoke` sends an order through an environment.
Nothing is imported here, so that importing a part costs that part only.
"""
