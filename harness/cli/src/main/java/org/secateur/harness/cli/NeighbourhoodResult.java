package org.secateur.harness.cli;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.results.core.Block;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.statistics.Estimate;

/**
 * What building a table of a neighbourhood took, against measuring every point. Times are those inside the rows' blocks,
 * from the raw samples: a resumed build has no clock of its own. What every point takes besides, for opening and
 * warm-up, is left out on both sides.
 *
 * @param points of the whole neighbourhood
 * @param asked points that the plans measured
 * @param settledShare share of the other points that lie in cells whose check agreed
 * @param met whether the plans' estimated error met its target
 * @param buildingSeconds inside the blocks of the points that the plans measured
 * @param exhaustiveSeconds the same for all points: what the plans measured, and for each other point the mean of the
 *     sample
 * @param share of the exhaustive time that building took
 */
record NeighbourhoodResult(
        long points,
        int asked,
        double settledShare,
        boolean met,
        double buildingSeconds,
        Quantity exhaustiveSeconds,
        Quantity share) {

    /** 97.5 % of a normal distribution: the mean of hundreds of points is one. */
    private static final double NORMAL = 1.96;

    /** What the rows of a table tell about a built neighbourhood and a sample of what it did not measure. */
    static NeighbourhoodResult of(Neighbourhood built, Collection<WorkloadKey> sample, CostTable table) {
        double[] each = sample.stream().mapToDouble(key -> spent(table, key)).toArray();
        double building =
                built.asked().stream().mapToDouble(key -> spent(table, key)).sum();
        Quantity exhaustive = exhaustive(
                building, each, (double) built.points() - built.asked().size());
        return new NeighbourhoodResult(
                built.points(),
                built.asked().size(),
                built.settledShare(),
                built.met(),
                building,
                exhaustive,
                exhaustive.map(e -> new Estimate(
                        building / e.value(), building / e.high(), building / e.low(), e.confidence(), e.blocks())));
    }

    private static double spent(CostTable table, WorkloadKey key) {
        return table.row(key).map(Measurement::blocks).orElse(List.of()).stream()
                .mapToDouble(NeighbourhoodResult::spent)
                .sum();
    }

    private static double spent(Block block) {
        double sum = 0;
        for (double seconds : block.sampleSeconds()) {
            sum += seconds;
        }
        return sum * block.launchesPerSample();
    }

    private static Quantity exhaustive(double building, double[] each, double others) {
        if (each.length < 2) {
            return Quantity.unavailable("no sample was measured: see --held-out");
        }
        double mean = 0;
        for (double seconds : each) {
            mean += seconds / each.length;
        }
        double squares = 0;
        for (double seconds : each) {
            squares += (seconds - mean) * (seconds - mean);
        }
        double error = NORMAL * Math.sqrt(squares / (each.length - 1) / each.length);
        return Quantity.derived(new Estimate(
                building + others * mean,
                building + others * Math.max(0, mean - error),
                building + others * (mean + error),
                0.95,
                each.length));
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("points", points);
        json.put("askedPoints", asked);
        json.put("settledShare", settledShare);
        json.put("targetMet", met);
        json.put("buildingSeconds", buildingSeconds);
        json.put("exhaustiveSeconds", exhaustiveSeconds);
        json.put("share", share);
        return json;
    }

    String text() {
        if (points == 0) {
            return String.format("neighbourhood: nothing of it is left, since the device refuses a part of all%n");
        }
        String time = switch (share) {
            case Quantity.Missing missing -> "of what all take: " + missing.reason();
            case Quantity.Known known ->
                Text.percent(known.number().value()) + " of the "
                        + exhaustiveSeconds
                                .estimate()
                                .map(e -> Progress.duration(e.value()))
                                .orElse("-")
                        + " that all would take";
        };
        return "neighbourhood: %d of %d points measured (%s), %s in their blocks, %s; %s of the others settled%s%n"
                .formatted(
                        asked,
                        points,
                        Text.percent(asked / (double) points),
                        Progress.duration(buildingSeconds),
                        time,
                        Text.percent(settledShare),
                        met ? "" : ", short of the target");
    }
}
