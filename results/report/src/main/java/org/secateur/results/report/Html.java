package org.secateur.results.report;

import java.util.List;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;

/** Pieces of HTML; every text that comes in is escaped here. */
final class Html {
    private Html() {}

    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /** A table cell that is HTML already. */
    record Cell(String html, boolean number) {
        static Cell text(String text) {
            return new Cell(escape(text), false);
        }

        static Cell number(String text) {
            return new Cell(escape(text), true);
        }

        static Cell of(Quantity quantity, Unit unit) {
            return new Cell(quantity(quantity, unit), true);
        }
    }

    /** The number with its interval, and under it where it comes from. */
    static String quantity(Quantity quantity, Unit unit) {
        String value = escape(Scale.text(quantity, unit));
        int bracket = value.indexOf(" [");
        if (bracket > 0) {
            value = value.substring(0, bracket) + " <span class=\"interval\">" + value.substring(bracket + 1)
                    + "</span>";
        }
        return value + "<span class=\"provenance\">" + escape(provenance(quantity.provenance())) + "</span>";
    }

    static String provenance(Provenance provenance) {
        return switch (provenance) {
            case Provenance.Measured measured -> "measured";
            case Provenance.Derived derived -> "derived";
            case Provenance.Modelled modelled -> "modelled: " + modelled.model();
            case Provenance.Unavailable unavailable -> unavailable.reason();
        };
    }

    /** A table whose first column heads its rows. */
    static String table(String caption, List<String> header, List<List<Cell>> rows) {
        StringBuilder html = new StringBuilder("<div class=\"scroll\"><table><caption>")
                .append(escape(caption))
                .append("</caption><thead><tr>");
        for (int i = 0; i < header.size(); i++) {
            boolean number = !rows.isEmpty() && rows.getFirst().get(i).number();
            html.append(number ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">")
                    .append(escape(header.get(i)))
                    .append("</th>");
        }
        html.append("</tr></thead><tbody>\n");
        for (List<Cell> row : rows) {
            html.append("<tr>");
            for (int i = 0; i < row.size(); i++) {
                String tag = i == 0 ? "th" : "td";
                html.append('<')
                        .append(tag)
                        .append(i == 0 ? " scope=\"row\"" : "")
                        .append(row.get(i).number() ? " class=\"number\">" : ">")
                        .append(row.get(i).html())
                        .append("</")
                        .append(tag)
                        .append('>');
            }
            html.append("</tr>\n");
        }
        return html.append("</tbody></table></div>\n").toString();
    }

    /** The place of a plot, whose numbers stand in the table under it. */
    static String plot(String id, String label, String table) {
        return "<figure><div class=\"plot\"><canvas id=\"" + escape(id) + "\" role=\"img\" aria-label=\""
                + escape(label)
                + "\"></canvas></div><details><summary>The numbers: " + escape(label) + "</summary>" + table
                + "</details></figure>\n";
    }

    static String section(String id, String title, String explanation, String content) {
        return "<section id=\"" + id + "\"><h2>" + escape(title) + "</h2><p>" + escape(explanation) + "</p>\n" + content
                + "</section>\n";
    }
}
