import { expect, it } from 'vitest'
import { decodeText } from './text.ts'

/** The same declaration, as programs of their time saved it. */
const saved: [encoding: string, text: string, base64: string][] = [
  [
    'gb18030',
    '所有的人都生而平等，在尊严和权利上一律平等。他们有理性和良心。',
    'y/nT0LXEyMu2vMn6tvjGvbXIo6zU2tfw0c+6zciowPvJz9K7wsnGvbXIoaPL+8PH09DA7dDUus3BvNDEoaM=',
  ],
  [
    'big5',
    '人人生而自由，在尊嚴和權利上一律平等。他們有理性和良心，請以手足關係的精神相對待。',
    'pEikSKXNptOm26XRoUGmYrRMxFmpTcV2p1GkV6RAq9+lrbWloUOlTK3MprOyeqnKqU2ofaTfoUG90KVIpOKorMP2q1mqurrrr6us27nvq92hQw==',
  ],
  [
    'shift_jis',
    'すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。',
    'greC14LEgsyQbIrUgs2BQZC2gtyC6oLIgqqC54LJgrWCxI6pl1KCxYKgguiBQYKpgsKBQZG4jLWCxoygl5iCxoLJgsKCooLElb2TmYLFgqCC6YFC',
  ],
  [
    'euc-jp',
    'すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。',
    'pLmk2aTGpM6/zbTWpM+hosC4pN6k7KTKpKyk6aTLpLekxryrzbOkx6SipOqhoqSrpMShosK6uLekyLiizfikyKTLpMSkpKTGyr/F+aTHpKKk66Gj',
  ],
  [
    'euc-kr',
    '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.',
    'uPC15yDAzrCjwLogxcK+7rOvILanus7FzSDA2sCvt86/7LjnILHXIMG4vvaw+iCxx7iuv6EgwNa+7iC1v7Xux8+02S4=',
  ],
  [
    'windows-1251',
    'Все люди рождаются свободными и равными в своем достоинстве и правах.',
    'wvHlIOv+5Ogg8O7m5OD+8vH/IPHi7uHu5O377Ogg6CDw4OLt++zoIOIg8eLu5ewg5O7x8u7o7fHy4uUg6CDv8ODi4PUu',
  ],
  [
    'koi8-r',
    'Все люди рождаются свободными и равными в своем достоинстве и правах.',
    '99PFIMzAxMkg0s/WxMHA1NPRINPXz8LPxM7ZzckgySDSwdfO2c3JINcg09fPxc0gxM/T1M/JztPU18UgySDQ0sHXwcgu',
  ],
  [
    'windows-1253',
    'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια.',
    'vOvv6SDv6SDc7ejx+fDv6SDj5e3t6e/97fTh6SDl6+X96OXx7+kg6uHpIN/z7+kg8/Tn7SDh7unv8PHd8OXp4S4=',
  ],
  [
    'windows-1255',
    'כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.',
    '6+wg4fDpIOTg4+0g8OXs4+Ug4fDpIOfl+OnvIOX55eXp7SDh8vjr7SDl4ebr5enl+unk7S4=',
  ],
  [
    'windows-1256',
    'يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.',
    '7ebhzyDM4+3aIMfh5MfTIMPN0cfRxyDjytPH5u3kIN3tIMfh39HH48kg5sfhzd7m3i4=',
  ],
  [
    'windows-1250',
    'Wszyscy ludzie rodzą się wolni i równi. Są oni obdarzeni rozumem, więc każdy powinien mieć łaskę.',
    'V3N6eXNjeSBsdWR6aWUgcm9kerkgc2nqIHdvbG5pIGkgcvN3bmkuIFO5IG9uaSBvYmRhcnplbmkgcm96dW1lbSwgd2nqYyBrYb9keSBwb3dpbmllbiBtaWXmILNhc2vqLg==',
  ],
  [
    'windows-1252',
    'Tous les êtres humains naissent libres et égaux. Die schöne Frau läßt grüßen; el niño comió.',
    'VG91cyBsZXMg6nRyZXMgaHVtYWlucyBuYWlzc2VudCBsaWJyZXMgZXQg6WdhdXguIERpZSBzY2j2bmUgRnJhdSBs5N90IGdy/N9lbjsgZWwgbmnxbyBjb21p8y4=',
  ],
]

it.each(saved)('reads a text that was saved as %s', (_, text, base64) => {
  expect(decodeText(Buffer.from(base64, 'base64'))).toBe(text)
})

it('does not take a few accents for another script', () => {
  for (const text of ['Ärger in Köln', 'ÄÖÜ äöü ß', 'Señor Muñoz, ¿qué?', '20 °C ± 5 µm × 3']) {
    expect(decodeText(Buffer.from(text, 'latin1'))).toBe(text)
  }
})
