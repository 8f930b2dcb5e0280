"""`python -m demo`: draw a world of photos, take it in, learn its topics and serve it on this machine."""

if __name__ == "__main__":  # processes that draw read this file as well, and need nothing of what it imports
    from demo.command import main

    main()
