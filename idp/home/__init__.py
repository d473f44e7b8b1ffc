"""The front page: "Ứng dụng của tôi", and help that needs no sign-in."""
