package org.secateur.harness.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The recipes of {@code docs/cookbook.md} by their titles. A block of shell is run as it stands, unless comments before it
 * say otherwise:
 *
 * <ul>
 *   <li>{@code CI:} and lines {@code OLD -> NEW}: with these pieces replaced, each of which must be there;
 *   <li>{@code CI instead: COMMAND}: that command is run in place of the block, whatever language it is in;
 *   <li>{@code CI skips: REASON}: nothing is run;
 *   <li>{@code CI exits: CODES}: with these exit codes it is right; without, with 0 only.
 * </ul>
 */
record Cookbook(Map<String, List<Block>> recipes) {
    /**
     * A fenced block.
     *
     * @param language what stands behind the opening fence
     * @param text what it shows
     * @param script what is run for it, if anything
     * @param exits the exit codes with which it is right
     */
    record Block(String language, String text, Optional<String> script, Set<Integer> exits) {}

    private static final String FENCE = "```";
    private static final String COMMENT = "<!-- CI";
    private static final String END = "-->";

    /** Reads a page. */
    static Cookbook read(Path page) throws IOException {
        return parse(Files.readString(page));
    }

    static Cookbook parse(String page) {
        Map<String, List<Block>> recipes = new LinkedHashMap<>();
        List<Block> blocks = new ArrayList<>();
        List<String> words = new ArrayList<>();
        List<String> lines = page.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("## ")) {
                requireNone(words);
                blocks = new ArrayList<>();
                recipes.put(line.substring("## ".length()), blocks);
            } else if (line.startsWith(COMMENT)) {
                int last = i
                        + (int) lines.stream()
                                .skip(i)
                                .takeWhile(each -> !each.endsWith(END))
                                .count();
                String comment = String.join("\n", lines.subList(i, last + 1));
                words.add(comment.substring("<!-- ".length(), comment.length() - END.length())
                        .strip());
                i = last;
            } else if (line.startsWith(FENCE)) {
                int last = i + 1 + lines.subList(i + 1, lines.size()).indexOf(FENCE);
                String text = String.join("\n", lines.subList(i + 1, last));
                blocks.add(block(line.substring(FENCE.length()), text, words));
                words.clear();
                i = last;
            } else if (!line.isBlank()) {
                requireNone(words);
            }
        }
        requireNone(words);
        return new Cookbook(recipes);
    }

    private static void requireNone(List<String> words) {
        if (!words.isEmpty()) {
            throw new AssertionError("no block follows " + words);
        }
    }

    private static Block block(String language, String text, List<String> words) {
        Optional<String> script = language.equals("sh") ? Optional.of(text) : Optional.empty();
        Set<Integer> exits = Set.of(0);
        boolean told = script.isPresent() || language.equals("java");
        for (String word : words) {
            int colon = word.indexOf(':');
            String rest = word.substring(colon + 1).strip();
            switch (word.substring(0, colon)) {
                case "CI" -> script = Optional.of(replaced(text, rest));
                case "CI instead" -> script = Optional.of(rest);
                case "CI skips" -> script = Optional.empty();
                case "CI exits" ->
                    exits = Arrays.stream(rest.split(" ", -1))
                            .map(Integer::valueOf)
                            .collect(Collectors.toSet());
                default -> throw new AssertionError("a comment that means nothing: " + word);
            }
            told = true;
        }
        if (!told) {
            throw new AssertionError("a block of " + language + " that nothing is said of:\n" + text);
        }
        return new Block(language, text, script, exits);
    }

    private static String replaced(String text, String pieces) {
        String replaced = text;
        for (String piece : pieces.lines().toList()) {
            int arrow = piece.indexOf(" -> ");
            String old = piece.substring(0, arrow);
            if (!replaced.contains(old)) {
                throw new AssertionError("there is no \"" + old + "\" in\n" + text);
            }
            replaced = replaced.replace(old, piece.substring(arrow + " -> ".length()));
        }
        return replaced;
    }

    /** The blocks of a recipe, in order. */
    List<Block> recipe(String title) {
        List<Block> blocks = recipes.get(title);
        if (blocks == null) {
            throw new AssertionError("no recipe \"" + title + "\" among " + recipes.keySet());
        }
        return blocks;
    }
}
