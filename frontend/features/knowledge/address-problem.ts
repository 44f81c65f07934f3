/** What is wrong with a web address as far as one can tell without asking it; the server looks closer. */
export function addressProblem(text: string): string | undefined {
  if (text === '') return 'Give an address, such as https://example.org/'
  const url = URL.parse(text)
  if (!url || !/^[a-z]+:\/\//i.test(text)) return 'This is not a whole web address. It begins with https://'
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return 'Only addresses that begin with https:// or http:// can be fetched.'
  if (url.username || url.password) return 'An address with a user name or password in it is not fetched.'
  return undefined
}
