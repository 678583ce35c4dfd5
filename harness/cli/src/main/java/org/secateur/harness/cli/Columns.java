package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in aligned columns: a column whose every entry below the title is a number stands to the right. */
final class Columns {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    /** Columns with their titles. */
    Columns(String... titles) {
        rows.add(List.of(titles));
    }

    /** Adds a row with as many cells as there are titles. */
    Columns row(Object... cells) {
        if (cells.length != rows.get(0).size()) {
            throw new IllegalArgumentException(
                    cells.length + " cells: expected " + rows.get(0).size());
        }
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(cell.toString());
        }
        rows.add(row);
        return this;
    }

    /** All lines, without trailing blanks. */
    String text() {
        int columns = rows.get(0).size();
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                String cell = row.get(column);
                String blanks = " ".repeat(width(column) - cell.length());
                line.append(column == 0 ? "" : GAP).append(numeric(column) ? blanks + cell : cell + blanks);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElseThrow();
    }

    private boolean numeric(int column) {
        return rows.stream()
                .skip(1)
                .map(row -> row.get(column))
                .allMatch(cell -> cell.isEmpty() || cell.equals("-") || cell.matches("[-+]?[0-9].*"));
    }
}
