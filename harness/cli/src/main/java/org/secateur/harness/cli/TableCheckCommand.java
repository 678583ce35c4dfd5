package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.Recomputation;
import org.secateur.results.core.cost.Recomputation.Mismatch;
import org.secateur.results.core.cost.SecondOpinion;
import org.secateur.results.core.cost.TableCheck;
import org.secateur.results.store.ComparisonCheck;
import org.secateur.results.store.JsonDocument;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Computes a table's numbers again. */
@Command(
        name = "check",
        description = {
            "Compute every published number of a table again from its raw samples, without a device; likewise the flags",
            "that follow from them, the controls and held-out errors of its runs, and the numbers of a comparison.",
            "Leaves with exit code 1 when something does not follow from them."
        },
        footer = {
            "",
            "Examples:",
            "  secateur table check",
            "  secateur table check costs.json --json",
            "  secateur table check comparison.json"
        })
final class TableCheckCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "TABLE",
            defaultValue = "",
            description =
                    "A JSON file, of a table or from compare --json, or the first digits of a table's id; not needed where"
                            + " the store holds one only.")
    private String table = "";

    TableCheckCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (JsonDocument.command(Path.of(table)).equals(Optional.of("compare"))) {
            return comparison(Path.of(table));
        }
        CostTable checked = Stores.table(table, common.storePath(session));
        TableCheck.Result result = TableCheck.of(checked);
        Optional<SecondOpinion> opinion = SecondOpinion.of(checked);
        session.console()
                .result(
                        common.json
                                ? json(checked, result, opinion)
                                : text(checked, result)
                                        + opinion.map(TableCheckCommand::text).orElse(""));
        return (result.mismatches().isEmpty() ? ExitCode.DONE : ExitCode.FAILED).code();
    }

    private int comparison(Path file) {
        Recomputation found = ComparisonCheck.of(file);
        if (common.json) {
            Map<String, Object> document = Json.document(
                    "table check",
                    Json.noDevice(common.device, "this command computes a comparison again without its device"),
                    List.of());
            document.put("path", file);
            document.put("numbers", found.numbers());
            document.put("mismatches", mismatches(found.mismatches()));
            session.console().result(Json.write(document));
        } else {
            session.console()
                    .result("comparison " + file + ": " + found.numbers() + " numbers computed again from its pairs, "
                            + text(found.mismatches()));
        }
        return (found.mismatches().isEmpty() ? ExitCode.DONE : ExitCode.FAILED).code();
    }

    private static List<Object> mismatches(List<Mismatch> found) {
        List<Object> mismatches = new ArrayList<>();
        for (Mismatch mismatch : found) {
            Map<String, Object> json = new LinkedHashMap<>();
            mismatch.key().ifPresent(key -> {
                json.put("workload", key.workload().text());
                json.put("regime", key.regime());
            });
            json.put("field", mismatch.field());
            json.put("published", mismatch.published());
            json.put("recomputed", mismatch.recomputed());
            mismatches.add(json);
        }
        return mismatches;
    }

    private String json(CostTable checked, TableCheck.Result result, Optional<SecondOpinion> opinion) {
        Map<String, Object> document = Json.document("table check", Json.device(checked), List.of());
        document.put("id", checked.fingerprint().id());
        document.put("rows", result.rows());
        document.put("rowsWithoutRun", result.rowsWithoutRun());
        document.put("numbers", result.numbers());
        document.put("mismatches", mismatches(result.mismatches()));
        opinion.ifPresent(other -> {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("rows", other.rows());
            json.put("hodgesLehmannShift", other.medianShift());
            json.put("worstHodgesLehmannShift", other.worstShift());
            json.put("bcaWidthRatio", other.medianWidth());
            json.put("worstBcaWidthRatio", other.worstWidth());
            document.put("secondOpinion", json);
        });
        return Json.write(document);
    }

    private static String text(SecondOpinion other) {
        return String.format(
                Locale.ROOT,
                "%nby other statistics (%d rows): Hodges-Lehmann differs from the median by %s, at most %s; BCa intervals"
                        + " are %.2f times as wide, at most %.2f",
                other.rows(),
                Text.percent(other.medianShift()),
                Text.percent(other.worstShift()),
                other.medianWidth(),
                other.worstWidth());
    }

    private static String text(CostTable checked, TableCheck.Result result) {
        String what = "table " + checked.fingerprint().id() + " of " + checked.device() + ": " + result.numbers()
                + " numbers of " + result.rows() + " rows computed again from their raw samples, "
                + text(result.mismatches());
        return result.rowsWithoutRun() == 0
                ? what
                : what + "\n" + result.rowsWithoutRun()
                        + " rows do not tell by which run they were measured: most of their flags cannot be checked";
    }

    private static String text(List<Mismatch> mismatches) {
        if (mismatches.isEmpty()) {
            return "all as published";
        }
        Columns text = new Columns("field", "published", "recomputed", "regime", "workload");
        for (Mismatch mismatch : mismatches) {
            text.row(
                    mismatch.field(),
                    mismatch.published(),
                    mismatch.recomputed(),
                    mismatch.key().map(key -> key.regime().name()).orElse("-"),
                    mismatch.key().map(key -> key.workload().text()).orElse("-"));
        }
        return mismatches.size() + " differ\n\n" + text.text();
    }
}
