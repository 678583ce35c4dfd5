package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.secateur.profilers.core.sampler.Control;
import org.secateur.profilers.core.sampler.PairedTiming;
import org.secateur.profilers.core.sampler.Timing;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.cost.IdleCorrection;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.FalseDiscovery;
import org.secateur.results.core.statistics.PairedComparison;
import org.secateur.results.core.statistics.Verdict;
import org.secateur.results.store.ComparisonJson;
import org.secateur.results.store.ComparisonJson.Unit;
import org.secateur.results.store.QuantityJson;

/**
 * What {@code compare} tells.
 *
 * @param of {@code step} or {@code inference}
 * @param threads of the baseline and each candidate; empty where the launcher's number holds for all
 * @param baseline its name
 * @param energyControl of the joules; empty where no counter told them
 * @param comparisons at least one
 */
record CompareResult(
        String of,
        int batch,
        List<Integer> threads,
        String baseline,
        Control control,
        Optional<Control> energyControl,
        List<Compared> comparisons) {
    CompareResult {
        threads = List.copyOf(threads);
        comparisons = List.copyOf(comparisons);
    }

    /** A candidate's name with what was measured. */
    record Compared(String candidate, PairedTiming timing) {
        PairedComparison comparison() {
            return timing.comparison();
        }

        private Verdict verdict() {
            return comparison().verdict();
        }
    }

    /** The exit code where verdicts count: what cannot be trusted before what was found. */
    ExitCode exit() {
        if (!control.valid()) {
            return ExitCode.ENVIRONMENT;
        }
        if (comparisons.stream()
                .anyMatch(c -> c.verdict() == Verdict.SLOWER && c.comparison().material())) {
            return ExitCode.FAILED;
        }
        boolean undecided = comparisons.stream().anyMatch(c -> c.verdict() == Verdict.UNDECIDED);
        return undecided ? ExitCode.UNDECIDED : ExitCode.DONE;
    }

    private double[] adjusted() {
        return FalseDiscovery.adjusted(
                comparisons.stream().mapToDouble(c -> c.comparison().pValue()).toArray());
    }

    /** The same of the joules; none unless all were measured in pairs. */
    private double[] adjustedEnergies() {
        double[] all = comparisons.stream()
                .flatMap(c -> c.timing().energy().stream())
                .mapToDouble(PairedComparison::pValue)
                .toArray();
        return all.length == comparisons.size() ? FalseDiscovery.adjusted(all) : new double[0];
    }

    /** How many p-values below the rate of false discoveries chance alone would give. */
    private double expectedByChance() {
        return FalseDiscovery.RATE * comparisons.size();
    }

    String json(Map<String, Object> device) {
        boolean one = comparisons.size() == 1;
        List<String> warnings = one ? reasons(comparisons.get(0)) : controls();
        Map<String, Object> document = Json.document("compare", device, warnings);
        document.put("of", of);
        document.put("batch", batch);
        document.put("threads", threads);
        document.put("control", controlJson(control));
        document.put(
                "energyControl",
                energyControl
                        .<Object>map(CompareResult::controlJson)
                        .orElseGet(() -> Quantity.unavailable("no counter told the joules")));
        if (one) {
            document.putAll(json(comparisons.get(0)));
            return Json.write(document);
        }
        double[] adjusted = adjusted();
        double[] energies = adjustedEnergies();
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < adjusted.length; i++) {
            Map<String, Object> json = json(comparisons.get(i));
            if (energies.length > 0) {
                json.put("energyAdjustedPValue", energies[i]);
            }
            json.put("adjustedPValue", adjusted[i]);
            json.put("discovery", adjusted[i] <= FalseDiscovery.RATE);
            all.add(json);
        }
        document.put("comparisons", all);
        document.put("falseDiscoveryRate", FalseDiscovery.RATE);
        document.put("expectedByChance", expectedByChance());
        return Json.write(document);
    }

    /** What a run is worth. */
    static Map<String, Object> controlJson(Control control) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("valid", control.valid());
        json.put("workload", Control.REFERENCE.workload().text());
        json.putAll(ComparisonJson.of(control.comparison(), Unit.SECONDS));
        return json;
    }

    private Map<String, Object> json(Compared compared) {
        PairedComparison comparison = compared.comparison();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("baseline", side(baseline, compared.timing().baseline()));
        json.put("candidate", side(compared.candidate(), compared.timing().candidate()));
        PairedTiming timing = compared.timing();
        Quantity energyRatio = energyRatio(timing);
        json.putAll(ComparisonJson.of(comparison, Unit.SECONDS));
        json.put("ratio", QuantityJson.of(Quantity.derived(comparison.ratio()), Flag.ofSeconds(flags(timing))));
        json.put("energyRatio", QuantityJson.of(energyRatio, Flag.ofJoules(flags(timing), energyRatio)));
        compared.timing().energy().ifPresent(energy -> json.put("energyComparison", energyJson(energy)));
        json.put("material", comparison.material());
        json.put("reasons", reasons(compared));
        return json;
    }

    private static Map<String, Object> energyJson(PairedComparison energy) {
        Map<String, Object> json = ComparisonJson.of(energy, Unit.JOULES);
        json.remove("ratio"); // it stands beside, as energyRatio
        json.put("material", energy.material());
        return json;
    }

    private static Map<String, Object> side(String name, Timing timing) {
        Map<String, Object> side = new LinkedHashMap<>();
        side.put("name", name);
        side.put("seconds", QuantityJson.of(timing.seconds(), Flag.ofSeconds(timing.flags())));
        side.put("joules", QuantityJson.of(timing.joules(), Flag.ofJoules(timing.flags(), timing.joules())));
        Quantity net = IdleCorrection.netJoules(timing.energySamples(), timing.after());
        side.put("netJoules", QuantityJson.of(net, Flag.ofJoules(timing.flags(), net)));
        return side;
    }

    /** The flags of both sides. */
    private static Set<Flag> flags(PairedTiming timing) {
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        flags.addAll(timing.baseline().flags());
        flags.addAll(timing.candidate().flags());
        return flags;
    }

    /** Candidate / baseline in joules: of pairs, or of two modelled ones whose errors are taken as independent. */
    private static Quantity energyRatio(PairedTiming timing) {
        if (timing.energy().isPresent()) {
            return Quantity.derived(timing.energy().get().ratio());
        }
        Quantity baseline = timing.baseline().joules();
        if (!(baseline instanceof Quantity.Known known)) {
            return baseline;
        }
        Estimate below = known.number();
        return timing.candidate().joules().map(above -> {
            double value = above.value() / below.value();
            double down = Math.hypot(Math.log(above.value() / above.low()), Math.log(below.high() / below.value()));
            double up = Math.hypot(Math.log(above.high() / above.value()), Math.log(below.value() / below.low()));
            return new Estimate(
                    value,
                    value * Math.exp(-down),
                    value * Math.exp(up),
                    Math.min(above.confidence(), below.confidence()),
                    Math.min(above.blocks(), below.blocks()));
        });
    }

    /** What is to be said of controls that failed. */
    private List<String> controls() {
        List<String> warnings = new ArrayList<>(control.warning().stream().toList());
        energyControl.flatMap(Control::energyWarning).ifPresent(warnings::add);
        return warnings;
    }

    /** Why a verdict is to be taken with care. */
    private List<String> reasons(Compared compared) {
        List<String> reasons = new ArrayList<>(controls());
        flags(reasons, baseline, compared.timing().baseline());
        flags(reasons, compared.candidate(), compared.timing().candidate());
        return reasons;
    }

    private static void flags(List<String> reasons, String name, Timing timing) {
        timing.flags().stream().sorted().forEach(flag -> reasons.add(name + " is flagged " + flag));
    }

    String text() {
        return comparisons.size() == 1 ? text(comparisons.get(0)) : many();
    }

    private String text(Compared compared) {
        PairedComparison comparison = compared.comparison();
        StringBuilder text = new StringBuilder(headline(compared));
        text.append("\n\n")
                .append(new Columns("", "seconds")
                        .row(baseline, Text.seconds(compared.timing().baseline().seconds()))
                        .row(
                                compared.candidate(),
                                Text.seconds(compared.timing().candidate().seconds()))
                        .text())
                .append(String.format(
                        Locale.ROOT,
                        "%d pairs of blocks, batch %d; pair noise %.2f %%; SAME is within %.2f %%; signed-rank p %.2g%n",
                        comparison.pairs(),
                        batch,
                        100 * comparison.pairNoise(),
                        100 * comparison.delta(),
                        comparison.pValue()));
        switch (energyRatio(compared.timing())) {
            case Quantity.Missing missing ->
                text.append("energy: unavailable: ").append(missing.reason()).append('\n');
            case Quantity.Known known ->
                text.append(String.format(
                        Locale.ROOT,
                        "energy: ratio %s%s%s%n",
                        interval(known.number()),
                        known.provenance() instanceof Provenance.Modelled modelled
                                ? ", modelled: " + modelled.model()
                                : "",
                        compared.timing()
                                .energy()
                                .map(energy ->
                                        ", " + Unit.JOULES.said(energy.verdict()) + ", " + energy.pairs() + " pairs")
                                .orElse("")));
        }
        net(compared).ifPresent(text::append);
        reasons(compared)
                .forEach(reason -> text.append("warning: ").append(reason).append('\n'));
        return text.toString();
    }

    /** The joules beyond idle power, where a counter told both sides'. */
    private Optional<String> net(Compared compared) {
        Timing first = compared.timing().baseline();
        Timing second = compared.timing().candidate();
        Optional<Estimate> below =
                IdleCorrection.netJoules(first.energySamples(), first.after()).estimate();
        Optional<Estimate> above =
                IdleCorrection.netJoules(second.energySamples(), second.after()).estimate();
        return below.flatMap(a -> above.map(b -> String.format(
                Locale.ROOT,
                "beyond idle power %s takes %s, %s %s%n",
                compared.candidate(),
                Text.joules(b.value()),
                baseline,
                Text.joules(a.value()))));
    }

    private static String interval(Estimate ratio) {
        return String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", ratio.value(), ratio.low(), ratio.high());
    }

    private String headline(Compared compared) {
        PairedComparison comparison = compared.comparison();
        String ratio = interval(comparison.ratio());
        String candidate = compared.candidate();
        String small = comparison.material() ? "" : ", a change that may be no larger than what counts as SAME";
        return switch (comparison.verdict()) {
            case FASTER -> "FASTER: %s takes %s of the time of %s%s".formatted(candidate, ratio, baseline, small);
            case SLOWER -> "SLOWER: %s takes %s times as long as %s%s".formatted(candidate, ratio, baseline, small);
            case SAME ->
                "SAME: %s and %s differ by less than %s: ratio %s"
                        .formatted(candidate, baseline, Text.percent(comparison.delta()), ratio);
            case UNDECIDED ->
                "UNDECIDED: the ratio of %s to %s is %s; take more --pairs or a quieter machine"
                        .formatted(candidate, baseline, ratio);
        };
    }

    private String many() {
        double[] adjusted = adjusted();
        Columns columns =
                new Columns("candidate", "verdict", "ratio", "seconds", "pairs", "pair noise", "p", "adjusted p");
        int discoveries = 0;
        for (int i = 0; i < adjusted.length; i++) {
            Compared compared = comparisons.get(i);
            PairedComparison comparison = compared.comparison();
            discoveries += adjusted[i] <= FalseDiscovery.RATE ? 1 : 0;
            columns.row(
                    compared.candidate(),
                    comparison.verdict() + (comparison.material() ? ", material" : ""),
                    interval(comparison.ratio()),
                    Text.seconds(compared.timing().candidate().seconds()),
                    comparison.pairs(),
                    String.format(Locale.ROOT, "%.2f %%", 100 * comparison.pairNoise()),
                    String.format(Locale.ROOT, "%.2g", comparison.pValue()),
                    String.format(Locale.ROOT, "%.2g", adjusted[i]));
        }
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT, "%d things against %s, batch %d%n%n%s", adjusted.length, baseline, batch, columns.text()));
        text.append(String.format(
                Locale.ROOT,
                "%d differ at a false discovery rate of %.0f %%; by chance alone %.2g would have p below that%n",
                discoveries,
                100 * FalseDiscovery.RATE,
                expectedByChance()));
        comparisons.stream()
                .flatMap(c -> reasons(c).stream())
                .distinct()
                .forEach(reason -> text.append("warning: ").append(reason).append('\n'));
        return text.toString();
    }
}
