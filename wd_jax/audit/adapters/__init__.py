"""One library a file: how its optimisers are made and stepped. A library is imported only when it is used."""
