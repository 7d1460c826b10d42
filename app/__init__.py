"""The application: a Streamlit front end, one file for each page. It draws and asks; it computes nothing itself."""
