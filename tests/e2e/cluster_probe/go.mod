module understudy.invalid/tests/probe

go 1.24
