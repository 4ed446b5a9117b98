// The script of the witness's pages starts here.
export {};
