package org.secateur.models.core.pruning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Min-sum variable elimination (Dechter 1999, "Bucket elimination"): the exact minimum of {@code T(w) + price * S(w)}.
 * Groups go in the order that keeps the tables smallest, which takes a residual network's block-internal groups first,
 * given their stage groups, and then the chain of stages.
 */
@SuppressWarnings("ArrayRecordComponent") // inner tables, never compared
final class Elimination {
    private final WidthProblem problem;
    private final List<Bucket> buckets;

    private Elimination(WidthProblem problem, List<Bucket> buckets) {
        this.problem = problem;
        this.buckets = buckets;
    }

    /** The plan of elimination, or empty if a table would have more than {@code limit} entries or a cost has none. */
    static Optional<Elimination> plan(WidthProblem problem, long limit) {
        if (!problem.wide().isEmpty()) {
            return Optional.empty();
        }
        int groups = problem.groups().size();
        List<Bucket> buckets = new ArrayList<>();
        List<Scope> factors = new ArrayList<>();
        for (int t = 0; t < problem.terms().size(); t++) {
            factors.add(new Scope(problem, problem.terms().get(t).groups(), t, -1));
        }
        TreeSet<Integer> left = new TreeSet<>();
        for (int g = 0; g < groups; g++) {
            left.add(g);
        }
        while (!left.isEmpty()) {
            int best = -1;
            long smallest = Long.MAX_VALUE;
            for (int g : left) {
                long entries = entries(problem, neighbours(factors, g))
                        * problem.groups().get(g).candidates();
                if (entries < smallest) {
                    smallest = entries;
                    best = g;
                }
            }
            if (smallest > limit) {
                return Optional.empty();
            }
            int group = best;
            int[] context = neighbours(factors, group);
            List<Scope> mine = factors.stream().filter(f -> f.has(group)).toList();
            factors.removeAll(mine);
            factors.add(new Scope(problem, context, -1, buckets.size()));
            buckets.add(new Bucket(group, context, mine));
            left.remove(group);
        }
        return Optional.of(new Elimination(problem, buckets));
    }

    /** Solves for a price; only candidates that remove no saliency are allowed where {@code free} is set. */
    Tables solve(double price, boolean free) {
        double[][] messages = new double[buckets.size()][];
        int[] choice = new int[problem.groups().size()];
        for (int b = 0; b < messages.length; b++) {
            Bucket bucket = buckets.get(b);
            double[] message = new double[(int) entries(problem, bucket.context)];
            double[] values = new double[problem.groups().get(bucket.group).candidates()];
            Arrays.stream(bucket.context).forEach(g -> choice[g] = 0);
            for (int at = 0; at < message.length; at++) {
                values(bucket, messages, price, free, choice, values);
                message[at] = values[widestOfLeast(values)];
                next(bucket.context, choice);
            }
            messages[b] = message;
        }
        return new Tables(this, price, free, messages);
    }

    private void next(int[] context, int[] choice) {
        for (int i = context.length - 1; i >= 0; i--) {
            int g = context[i];
            choice[g]++;
            if (choice[g] < problem.groups().get(g).candidates()) {
                return;
            }
            choice[g] = 0;
        }
    }

    /** What each candidate of a bucket's group leads to, given the choice for its context. */
    private void values(Bucket bucket, double[][] messages, double price, boolean free, int[] choice, double[] values) {
        double[] removed = problem.groups().get(bucket.group).removed();
        for (int x = 0; x < values.length; x++) {
            if (free && removed[x] > 0) {
                values[x] = Double.POSITIVE_INFINITY;
                continue;
            }
            choice[bucket.group] = x;
            double value = price * removed[x];
            for (Scope factor : bucket.factors) {
                double[] table =
                        factor.term >= 0 ? problem.terms().get(factor.term).costs() : messages[factor.message];
                value += table[factor.at(choice)];
            }
            values[x] = value;
        }
    }

    /** The solved tables for one price. */
    record Tables(Elimination plan, double price, boolean free, double[][] messages) {
        /** A choice with the least {@code T + price * S}; of several, wider groups first. */
        int[] best() {
            int[] choice = new int[plan.problem.groups().size()];
            for (int position = 0; position < choice.length; position++) {
                choice[group(position)] = widestOfLeast(regrets(position, choice));
            }
            return choice;
        }

        /** The group that is chosen at a position: the last eliminated first. */
        int group(int position) {
            return bucket(position).group;
        }

        /**
         * How much each candidate of the group at {@code position} raises the least reachable {@code T + price * S},
         * given the choice at the positions before. A whole choice exceeds the minimum by the sum of its regrets.
         */
        double[] regrets(int position, int[] choice) {
            Bucket bucket = bucket(position);
            double[] values = new double[plan.problem.groups().get(bucket.group).candidates()];
            plan.values(bucket, messages, price, free, choice, values);
            double least = values[widestOfLeast(values)];
            for (int x = 0; x < values.length; x++) {
                values[x] -= least;
            }
            return values;
        }

        private Bucket bucket(int position) {
            return plan.buckets.get(plan.buckets.size() - 1 - position);
        }
    }

    private static int widestOfLeast(double[] values) {
        int best = values.length - 1;
        for (int x = best - 1; x >= 0; x--) {
            best = values[x] < values[best] ? x : best;
        }
        return best;
    }

    private static int[] neighbours(List<Scope> factors, int group) {
        return factors.stream()
                .filter(f -> f.has(group))
                .flatMapToInt(f -> Arrays.stream(f.groups))
                .filter(g -> g != group)
                .distinct()
                .sorted()
                .toArray();
    }

    /** The size of a table over groups; a huge number instead of an overflow. */
    private static long entries(WidthProblem problem, int[] groups) {
        double entries = 1;
        for (int g : groups) {
            entries *= problem.groups().get(g).candidates();
        }
        return (long) Math.min(entries, 1e15);
    }

    private record Bucket(int group, int[] context, List<Scope> factors) {}

    /** Where a factor's numbers stand: a term of the problem, or the message of a bucket. */
    private record Scope(int[] groups, int[] strides, int term, int message) {
        Scope(WidthProblem problem, int[] groups, int term, int message) {
            this(groups, new int[groups.length], term, message);
            int stride = 1;
            for (int i = groups.length - 1; i >= 0; i--) {
                strides[i] = stride;
                stride *= problem.groups().get(groups[i]).candidates();
            }
        }

        boolean has(int group) {
            return Arrays.stream(groups).anyMatch(g -> g == group);
        }

        int at(int[] choice) {
            int at = 0;
            for (int i = 0; i < groups.length; i++) {
                at += strides[i] * choice[groups[i]];
            }
            return at;
        }
    }
}
