package org.secateur.results.store;

import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One execution of a command.
 *
 * @param id the name of its directory
 * @param subject what it works on: {@code network}, {@code data}, {@code device}, as far as the command has them
 * @param arguments the command line, word by word
 */
public record Run(
        String id,
        String command,
        SortedMap<String, String> subject,
        long seed,
        List<String> arguments,
        Instant startedAt,
        RunStatus status) {
    public Run {
        subject = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(subject));
        arguments = List.copyOf(arguments);
    }
}
