package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.secateur.harness.cli.PredictionTrial.Errors;
import org.secateur.harness.cli.PredictionTrial.Pruning;
import org.secateur.results.core.cost.Additivity;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.store.QuantityJson;

/** What {@code predict --prunings} tells. */
record TrialDocument(String network, int batch, CostTable table, PredictionTrial.Result result, List<String> warnings) {
    TrialDocument {
        warnings = List.copyOf(warnings);
    }

    String json(Map<String, Object> device) {
        Map<String, Object> document = Json.document("predict", device, warnings);
        document.put("network", network);
        document.put("batch", batch);
        document.put("table", table.fingerprint().id());
        document.put("plain", errors(result.plain()));
        document.put("corrected", errors(result.corrected()));
        Map<String, Object> correction = new LinkedHashMap<>();
        correction.put("scale", result.correction().scale());
        correction.put("secondsPerOperation", result.correction().secondsPerOperation());
        correction.put("fittedOn", result.fitted().size());
        document.put("additivity", correction);
        List<Object> prunings = new ArrayList<>();
        result.fitted().forEach(p -> prunings.add(pruning(p, true)));
        result.judged().forEach(p -> prunings.add(pruning(p, false)));
        document.put("prunings", prunings);
        return Json.write(document);
    }

    private static Map<String, Object> errors(Errors errors) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("medianError", errors.median());
        map.put("worstError", errors.worst());
        return map;
    }

    private static Map<String, Object> pruning(Pruning pruning, boolean fitted) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("widths", pruning.widths());
        map.put("operations", pruning.operations());
        map.put("predictedSeconds", pruning.predictedSeconds());
        map.put("measuredSeconds", QuantityJson.of(pruning.measuredSeconds(), pruning.flags()));
        map.put("relativeError", pruning.error(Additivity.IDENTITY));
        map.put("fitted", fitted);
        return map;
    }

    String text() {
        Columns columns = new Columns("", "median", "worst");
        columns.row(
                "sum of rows",
                Text.percent(result.plain().median()),
                Text.percent(result.plain().worst()));
        if (!result.fitted().isEmpty()) {
            columns.row(
                    "corrected",
                    Text.percent(result.corrected().median()),
                    Text.percent(result.corrected().worst()));
        }
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "training step of %d random prunings of %s, batch %d: |predicted / measured - 1|%n%n%s%n",
                result.judged().size(),
                network,
                batch,
                columns.text()));
        if (!result.fitted().isEmpty()) {
            text.append(String.format(
                    Locale.ROOT,
                    "correction fitted on %d further prunings: %.3f x sum %+.1f us per operation%n",
                    result.fitted().size(),
                    result.correction().scale(),
                    1e6 * result.correction().secondsPerOperation()));
        }
        warnings.forEach(warning -> text.append("warning: ").append(warning).append('\n'));
        return text.toString();
    }
}
