package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.IdleCorrection;
import org.secateur.results.core.cost.MeasuringRun;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.PairedComparison;
import org.secateur.results.store.MeasuringRunJson;
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
        description = "List the store's tables, or the rows of one and how they were measured.",
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
            document.put(
                    "runs",
                    shown.evidence().runs().stream()
                            .map(MeasuringRunJson::summary)
                            .toList());
            document.put("rows", rows.stream().map(row -> json(row, shown)).toList());
            session.console().result(Json.write(document));
            return;
        }
        Columns text = new Columns("time", "low", "high", "regime", "run", "flags", "algorithm", "workload");
        for (Measurement row : rows) {
            String flags = row.flags().stream().sorted().map(Flag::name).collect(Collectors.joining(" "));
            var seconds = row.seconds().estimate();
            text.row(
                    seconds.map(e -> Text.seconds(e.value())).orElse("-"),
                    seconds.map(e -> Text.seconds(e.low())).orElse("-"),
                    seconds.map(e -> Text.seconds(e.high())).orElse("-"),
                    row.key().regime(),
                    place(row, shown).map(String::valueOf).orElse("-"),
                    flags.isEmpty() ? "-" : flags,
                    row.variant().algorithm(),
                    row.key().workload().text());
        }
        session.console()
                .result("table " + shown.fingerprint().id() + " of " + shown.device() + ", " + rows.size() + " of "
                        + shown.rows().size() + " rows\n\n" + runs(shown) + text.text());
    }

    private static Optional<Integer> place(Measurement row, CostTable shown) {
        return Optional.ofNullable(shown.evidence().places().get(row.key()));
    }

    /** How the rows were measured, and how far interpolation between them is off. */
    private static String runs(CostTable shown) {
        List<MeasuringRun> runs = shown.evidence().runs();
        if (runs.isEmpty()) {
            return "";
        }
        Columns text =
                new Columns("run", "begun", "seed", "asked", "block", "cap", "clock", "counter", "control", "command");
        StringBuilder errors = new StringBuilder();
        for (int i = 0; i < runs.size(); i++) {
            MeasuringRun run = runs.get(i);
            text.row(
                    i,
                    run.startedAt(),
                    run.seed(),
                    option(run.options(), MeasuringRun.HALF_WIDTH, Text::percent),
                    option(run.options(), "blockSeconds", Text::seconds),
                    option(run.options(), "capSeconds", Text::seconds),
                    option(run.calibration(), "granularitySeconds", Text::seconds),
                    option(run.calibration(), "counterTickSeconds", Text::seconds),
                    run.control()
                            .map(MeasuringRun.Reference::comparison)
                            .map(TableShowCommand::control)
                            .orElse("-"),
                    run.command());
            run.heldOut()
                    .ifPresent(error ->
                            errors.append("held-out error of %s: %s%n".formatted(error.of(), Text.heldOut(error))));
        }
        return text.text() + "\n" + errors + (errors.isEmpty() ? "" : "\n");
    }

    private static String option(Map<String, Double> all, String name, DoubleFunction<String> format) {
        Double value = all.get(name);
        return value == null ? "-" : format.apply(value);
    }

    private static String control(PairedComparison comparison) {
        Estimate ratio = comparison.ratio();
        return String.format(
                Locale.ROOT,
                "%s %.3f [%.3f, %.3f], noise %.1f %%",
                comparison.verdict(),
                ratio.value(),
                ratio.low(),
                ratio.high(),
                100 * comparison.pairNoise());
    }

    private static Map<String, Object> json(Measurement row, CostTable shown) {
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
        place(row, shown).ifPresent(place -> json.put("run", place));
        return json;
    }
}
