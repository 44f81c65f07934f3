import { config } from 'zod'

// Before any schema is made: each would try whether it may compile itself, which our policy refuses and reports.
config({ jitless: true })
