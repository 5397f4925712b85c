#include "phonebook.h"
#include "clock.h"
#include "text.h"
#include "ui.h"
#include "version.h"

#define MAGIC 0x50484231u
// So many entries are sorted in before other tasks have their turn.
#define SLICE_ENTRIES 8

struct cache {
  uint32_t magic;
  uint16_t sorted_count;
  uint16_t found_count;
  uint16_t sorted[PHONEBOOK_COUNT];
  uint16_t found[PHONEBOOK_COUNT];
  uint8_t search_length;
  char search[SEARCH_KEYS];
};

extern struct cache phonebook_cache_start;
#define cache (&phonebook_cache_start)

void phonebook_begin(void) {
  cache->magic = MAGIC;
}

bool phonebook_is_alive(void) {
  return cache->magic == MAGIC && cache->sorted_count <= PHONEBOOK_COUNT &&
         cache->found_count <= cache->sorted_count;
}

// The digit under which a keypad has a letter.
static char key_of(char letter) {
  static const char keys[] = "22233344455566677778889999";
  char upper = text_upper(letter);
  return upper >= 'A' && upper <= 'Z' ? keys[upper - 'A'] : letter;
}

static bool begins_with_search(const char *word) {
  for (int i = 0; i < cache->search_length; i++) {
    if (word[i] == 0 || key_of(word[i]) != cache->search[i]) return false;
  }
  return true;
}

static bool matches(const char *name) {
  if (begins_with_search(name)) return true;
#if VERSION >= VERSION_OF(1, 1, 0)
  // Any word of the name will do: people look for given names too.
  for (; *name; name++) {
    if (*name == ' ' && begins_with_search(name + 1)) return true;
  }
#endif
  return false;
}

static void find(void) {
  cache->found_count = 0;
  for (int i = 0; i < cache->sorted_count; i++) {
    if (matches(phonebook[cache->sorted[i]].name)) {
      cache->found[cache->found_count++] = cache->sorted[i];
    }
  }
}

// Insertion by halving the sorted part.
static void sort_in(uint16_t entry) {
  int low = 0, high = cache->sorted_count;
  while (low < high) {
    int middle = (low + high) / 2;
    bool is_behind = text_compare(phonebook[cache->sorted[middle]].name, phonebook[entry].name) < 0;
    if (is_behind) low = middle + 1;
    else high = middle;
  }
  for (int i = cache->sorted_count; i > low; i--) cache->sorted[i] = cache->sorted[i - 1];
  cache->sorted[low] = entry;
  cache->sorted_count++;
}

uint32_t phonebook_run(uint32_t now) {
  (void)now;
  if (cache->sorted_count == PHONEBOOK_COUNT) return CLOCK_NEVER;
  for (int i = 0; i < SLICE_ENTRIES && cache->sorted_count < PHONEBOOK_COUNT; i++) {
    sort_in(cache->sorted_count);
  }
  find();
  ui_list_changed();
  return 1;
}

int phonebook_count(void) {
  return cache->found_count;
}

const struct phonebook_entry *phonebook_entry(int at) {
  return &phonebook[cache->found[at]];
}

bool phonebook_search(int digit) {
  if (cache->search_length == SEARCH_KEYS) return false;
  cache->search[cache->search_length++] = (char)('0' + digit);
  find();
  if (cache->found_count > 0) return true;
  phonebook_widen();
  return false;
}

bool phonebook_widen(void) {
  if (cache->search_length == 0) return false;
  cache->search_length--;
  find();
  return true;
}

int phonebook_search_length(void) {
  return cache->search_length;
}

char phonebook_search_digit(int at) {
  return cache->search[at];
}
