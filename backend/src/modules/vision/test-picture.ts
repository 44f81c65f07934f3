/** The word NITRO, black on white, as a PNG of 271 bytes: what the module tries itself on. */
export const testPicture = () =>
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAKoAAAB0AQMAAAAvjDueAAAABlBMVEX///8AAABVwtN+AAAACXBIWXMAAAsSAAALEgHS3X78AAAA' +
      'r0lEQVRIx+3TMQ7CMAyF4Vd18EYugMg1GCp6pW4wZuNa3bhGNlYjBjJULa1QE1dY6gX8j58yJLYCWJa1X6JqSn4aWgaxwiN8UnhC' +
      'OxQeCAQc0bjQnBSmcDsUHleu+87t8qcw0y6/M4cN3/NNVPaIgl+PH8+PjxT+OW1Oszwt+LnOBKwxbfmqXjBzHTrJrTqqzFUv5104' +
      'nsV22M+7XBjx0mjMcvPsVu4c27exLMsC8AWThF+V888OEQAAAABJRU5ErkJggg==',
    'base64',
  )

export const testWord = 'NITRO'
