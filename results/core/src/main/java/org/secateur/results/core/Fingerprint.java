package org.secateur.results.core;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a table was measured on. Identity fields decide whether two tables may be mixed or compared (device, driver,
 * library versions, threads, instruction set, measurement version); context fields are recorded only (JVM, kernel, tool
 * version).
 */
public record Fingerprint(SortedMap<String, String> identity, SortedMap<String, String> context) {
    public Fingerprint {
        identity = Collections.unmodifiableSortedMap(new TreeMap<>(identity));
        context = Collections.unmodifiableSortedMap(new TreeMap<>(context));
    }

    /** A fingerprint from maps in any order. */
    public static Fingerprint of(Map<String, String> identity, Map<String, String> context) {
        return new Fingerprint(new TreeMap<>(identity), new TreeMap<>(context));
    }

    /** The kind of device: {@code cuda} where CUDA's driver is part of the identity, else {@code cpu}. */
    public String kind() {
        return identity.containsKey("cudaDriver") ? "cuda" : "cpu";
    }

    /** Sixteen hexadecimal digits of the SHA-256 of the identity fields; equal when the identity is. */
    public String id() {
        String text = identity.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining("\n"));
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The identity fields in which the other differs, as {@code field: here / there}; empty when they may be mixed. */
    public SortedMap<String, String> differences(Fingerprint other) {
        SortedMap<String, String> differences = new TreeMap<>();
        identity.forEach((field, here) -> {
            String there = other.identity.getOrDefault(field, "absent");
            if (!there.equals(here)) {
                differences.put(field, here + " / " + there);
            }
        });
        other.identity.forEach((field, there) -> {
            if (!identity.containsKey(field)) {
                differences.put(field, "absent / " + there);
            }
        });
        return differences;
    }
}
