package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.secateur.harness.cli.Agreement.Compared;
import org.secateur.results.core.Quantity;

/** The agreement of JMH and the sampler as text and as a document. */
final class AgreementDocument {
    private AgreementDocument() {}

    /** One workload on one line. */
    static String line(Compared compared) {
        return String.format(
                Locale.ROOT,
                "JMH %s, sampler %s, ratio %.3f",
                Text.seconds(compared.jmh().value()),
                Text.seconds(compared.sampler().value()),
                compared.ratio());
    }

    static String text(int forks, Agreement found) {
        Columns columns = new Columns("workload", "JMH", "sampler", "ratio");
        for (Compared each : found.workloads()) {
            columns.row(
                    each.workload(),
                    Text.seconds(Quantity.measured(each.jmh())),
                    Text.seconds(Quantity.measured(each.sampler())),
                    String.format(Locale.ROOT, "%.3f", each.ratio()));
        }
        int all = found.workloads().size();
        return columns.text()
                + "%nratio of medians within 3 %%: %d of %d, within 6 %%: %d of %d: JMH and the sampler %s%n"
                        .formatted(
                                found.within(Agreement.CLOSE),
                                all,
                                found.within(Agreement.FAR),
                                all,
                                found.agrees() ? "agree" : "do not agree")
                + "%d forks each, %s iterations of JMH and %s blocks of the sampler in all of a workload's%n"
                        .formatted(
                                forks,
                                range(found.workloads().stream()
                                        .map(each -> each.jmhSeconds().size())
                                        .toList()),
                                range(found.workloads().stream()
                                        .map(each -> each.samplerSeconds().size())
                                        .toList()));
    }

    private static String range(List<Integer> counts) {
        int least = counts.stream().min(Integer::compare).orElse(0);
        int most = counts.stream().max(Integer::compare).orElse(0);
        return least == most ? String.valueOf(least) : least + " to " + most;
    }

    static Map<String, Object> json(Map<String, Object> device, int forks, Agreement found) {
        List<Map<String, Object>> workloads = new ArrayList<>();
        for (Compared each : found.workloads()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("workload", each.workload());
            json.put("jmhSeconds", Quantity.measured(each.jmh()));
            json.put("samplerSeconds", Quantity.measured(each.sampler()));
            json.put("ratio", each.ratio());
            json.put("iterationSeconds", each.jmhSeconds());
            json.put("blockSeconds", each.samplerSeconds());
            workloads.add(json);
        }
        Map<String, Object> document = Json.document("bench", device, List.of());
        document.put("forks", forks);
        document.put("workloads", workloads);
        document.put("within3Percent", found.within(Agreement.CLOSE));
        document.put("within6Percent", found.within(Agreement.FAR));
        document.put("agree", found.agrees());
        return document;
    }
}
