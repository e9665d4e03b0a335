"""The words everything else speaks: frozen values, constant tables, ports. Nothing here acts."""
