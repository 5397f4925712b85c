// The cache of the phonebook: an index in the order of the alphabet, and the search in it.
#ifndef PHONEBOOK_H
#define PHONEBOOK_H

#include <stdbool.h>
#include <stdint.h>
#include "assets.h"

#define SEARCH_KEYS 8

void phonebook_begin(void);
uint32_t phonebook_run(uint32_t now);
bool phonebook_is_alive(void);

// Entries that the search leaves, in the order of the alphabet.
int phonebook_count(void);
const struct phonebook_entry *phonebook_entry(int at);
// Narrows the search by a key of the keypad, 2 for ABC and so on. False where that would leave
// nothing; the search stays as it was.
bool phonebook_search(int digit);
// Takes the last key of the search back; false where there is none.
bool phonebook_widen(void);
int phonebook_search_length(void);
char phonebook_search_digit(int at);

#endif
