// Whether the page says that somebody's identity is protected.
words => {
  /*words*/
  /*protection*/
  return protectedIn([document], words) !== '';
}
