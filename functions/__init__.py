"""One folder per Lambda: handler.py translates, use_case.py loads, decides, stores."""
