/** What a file's name says about its content: the words, without the ending and what joins them. */
export const titleOf = (name: string) => name.replace(/\.[A-Za-z0-9]{1,5}$/, '').replace(/[_\-./\\]+/g, ' ')
