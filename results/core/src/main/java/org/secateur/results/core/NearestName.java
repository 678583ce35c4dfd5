package org.secateur.results.core;

import java.util.Collection;
import java.util.Comparator;

/** What somebody may have meant who wrote a name that does not exist. */
public final class NearestName {
    private NearestName() {}

    /**
     * The known name with the fewest insertions, deletions and replacements of characters to the given one (Levenshtein's
     * distance); of equals the first.
     *
     * @param known at least one name
     */
    public static String of(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(each -> distance(name, each)))
                .orElseThrow(() -> new IllegalArgumentException("no known names: expected at least one"));
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
