package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.IdleCorrection;
import org.secateur.results.store.QuantityJson;
import org.secateur.results.store.Store;
import org.secateur.results.store.TableJson;
import org.secateur.results.store.TableSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints tables, or the rows of one. */
@Command(
        name = "show",
        description = "List the store's tables, or the rows of one.",
        footer = {
            "",
            "Examples:",
            "  secateur table show",
            "  secateur table show 4f1c",
            "  secateur table show costs.json --filter pass=backward --json"
        })
final class TableShowCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "TABLE",
            defaultValue = "",
            description = "A JSON file, or the first digits of a table's id: show its rows.")
    private String table = "";

    @Option(
            names = "--filter",
            paramLabel = "TEXT",
            description = "Only rows whose workload contains this text; of the only table if none is named.")
    private String filter = "";

    TableShowCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Path store = common.storePath(session);
        if (table.isEmpty() && filter.isEmpty()) {
            list(store);
        } else {
            show(Stores.table(table, store));
        }
        return ExitCode.DONE.code();
    }

    private Map<String, Object> document(Map<String, Object> device) {
        return Json.document("table show", device, List.of());
    }

    private void list(Path file) {
        List<TableSummary> tables;
        try (Store store = Stores.existing(file)) {
            tables = store.tables();
        }
        if (common.json) {
            List<Object> all = new ArrayList<>();
            for (TableSummary each : tables) {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("id", each.fingerprint().id());
                json.put("device", each.device());
                json.put("fingerprint", TableJson.fingerprint(each.fingerprint()));
                json.put("rows", each.rows());
                json.put("measurements", each.measurements());
                json.put("newest", each.newest());
                all.add(json);
            }
            Map<String, Object> document =
                    document(Json.noDevice(common.device, "this command lists the tables of all devices"));
            document.put("tables", all);
            session.console().result(Json.write(document));
            return;
        }
        if (tables.isEmpty()) {
            session.console().result(file + " holds no table yet");
            return;
        }
        Columns text = new Columns("table", "rows", "measurements", "newest", "device");
        tables.forEach(each ->
                text.row(each.fingerprint().id(), each.rows(), each.measurements(), each.newest(), each.device()));
        session.console().result(text.text());
    }

    private void show(CostTable shown) {
        List<Measurement> rows = shown.rows().values().stream()
                .filter(row -> row.key().workload().text().contains(filter))
                .toList();
        if (common.json) {
            Map<String, Object> document = document(Json.device(shown));
            document.put("fingerprint", TableJson.fingerprint(shown.fingerprint()));
            document.put("rows", rows.stream().map(TableShowCommand::json).toList());
            session.console().result(Json.write(document));
            return;
        }
        Columns text = new Columns("time", "low", "high", "regime", "flags", "algorithm", "workload");
        for (Measurement row : rows) {
            String flags = row.flags().stream().sorted().map(Flag::name).collect(Collectors.joining(" "));
            var seconds = row.seconds().estimate();
            text.row(
                    seconds.map(e -> Text.seconds(e.value())).orElse("-"),
                    seconds.map(e -> Text.seconds(e.low())).orElse("-"),
                    seconds.map(e -> Text.seconds(e.high())).orElse("-"),
                    row.key().regime(),
                    flags.isEmpty() ? "-" : flags,
                    row.variant().algorithm(),
                    row.key().workload().text());
        }
        session.console()
                .result("table " + shown.fingerprint().id() + " of " + shown.device() + ", " + rows.size() + " of "
                        + shown.rows().size() + " rows\n\n" + text.text());
    }

    private static Map<String, Object> json(Measurement row) {
        Map<String, Object> variant = new LinkedHashMap<>();
        variant.put("algorithm", row.variant().algorithm());
        variant.put("workspaceBytes", row.variant().workspaceBytes());
        variant.put("deterministic", row.variant().deterministic());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("workload", row.key().workload().text());
        json.put("regime", row.key().regime());
        json.put("timeSeconds", QuantityJson.of(row.seconds(), Flag.ofSeconds(row.flags())));
        json.put("energyJoules", QuantityJson.of(row.joules(), Flag.ofJoules(row.flags(), row.joules())));
        Quantity net = IdleCorrection.netJoules(row);
        json.put("netEnergyJoules", QuantityJson.of(net, Flag.ofJoules(row.flags(), net)));
        json.put("variant", variant);
        json.put("measuredAt", row.measuredAt());
        return json;
    }
}
