// What next-env.d.ts says, for type checks on a clone that Next has never run in.
/// <reference types="next" />
/// <reference types="next/image-types/global" />
