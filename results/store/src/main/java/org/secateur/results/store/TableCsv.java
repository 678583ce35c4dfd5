package org.secateur.results.store;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.Request;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.statistics.Estimate;

/**
 * A cost table as comma-separated values (RFC 4180): a header, then one line per row, without raw samples. A quantity
 * that is not to be had has empty numbers and its reason in the column {@code …Detail}, where a model's name stands too.
 */
public final class TableCsv {
    private TableCsv() {}

    private static final List<String> HEADER = List.of(
            "device",
            "fingerprint",
            "workload",
            "regime",
            "workspaceLimitBytes",
            "deterministicAsked",
            "dataDistribution",
            "algorithm",
            "workspaceBytes",
            "deterministic",
            "timeSeconds",
            "timeSecondsLow",
            "timeSecondsHigh",
            "timeConfidence",
            "timeBlocks",
            "timeProvenance",
            "timeDetail",
            "energyJoules",
            "energyJoulesLow",
            "energyJoulesHigh",
            "energyConfidence",
            "energyBlocks",
            "energyProvenance",
            "energyDetail",
            "flags",
            "discardedBlocks",
            "measuredAt");

    /** Writes a table and leaves the writer open. */
    public static void write(CostTable table, Writer out) throws IOException {
        line(HEADER, out);
        for (Measurement m : table.rows().values()) {
            Request request = m.key().request();
            List<Object> cells = new ArrayList<>(List.of(
                    table.device(),
                    table.fingerprint().id(),
                    m.key().workload().text(),
                    m.key().regime(),
                    request.workspaceLimitBytes(),
                    request.deterministic(),
                    request.dataDistribution(),
                    m.variant().algorithm(),
                    m.variant().workspaceBytes(),
                    m.variant().deterministic()));
            cells.addAll(cells(m.seconds()));
            cells.addAll(cells(m.joules()));
            cells.add(m.flags().stream().sorted().map(Flag::name).collect(Collectors.joining(" ")));
            cells.add(
                    m.discarded().values().stream().mapToInt(Integer::intValue).sum());
            cells.add(m.measuredAt());
            line(cells, out);
        }
        out.flush();
    }

    private static List<Object> cells(Quantity quantity) {
        String provenance = QuantityJson.provenance(quantity.provenance());
        return switch (quantity) {
            case Quantity.Missing missing -> List.of("", "", "", "", "", provenance, missing.reason());
            case Quantity.Known known -> {
                Estimate e = known.number();
                String model = known.provenance() instanceof Provenance.Modelled modelled ? modelled.model() : "";
                yield List.of(e.value(), e.low(), e.high(), e.confidence(), e.blocks(), provenance, model);
            }
        };
    }

    private static void line(List<?> cells, Writer out) throws IOException {
        out.write(cells.stream().map(TableCsv::cell).collect(Collectors.joining(",")));
        out.write("\r\n");
    }

    private static String cell(Object value) {
        String text = String.valueOf(value);
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
