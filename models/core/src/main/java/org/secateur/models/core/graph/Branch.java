package org.secateur.models.core.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A residual branch: what stands between a fork and one summand of an addition, and dies as a whole when one of its
 * inner groups is empty. A group lies inside one branch at most.
 *
 * @param add the addition
 * @param end the branch's last node, the summand
 * @param shortcut the tensor of the other summand, which remains
 * @param nodes the branch's nodes, in the network's order
 * @param groups ids of the groups that live inside it only and that every path through it passes
 */
public record Branch(String add, String end, String shortcut, List<String> nodes, List<String> groups) {
    public Branch {
        nodes = List.copyOf(nodes);
        groups = List.copyOf(groups);
    }

    /** The residual branches, in the network's order; a path without an inner group is a shortcut, not a branch. */
    public static List<Branch> of(Network network, ChannelGroups groups) {
        List<Branch> branches = new ArrayList<>();
        for (Node node : network.nodes()) {
            if (node.layer() instanceof Layer.Add) {
                String first = node.inputs().get(0);
                String second = node.inputs().get(1);
                find(network, groups, node.name(), first, second, branches);
                find(network, groups, node.name(), second, first, branches);
            }
        }
        return List.copyOf(branches);
    }

    /**
     * Those of a network's branches that may all go together, in the same order: where both summands of an addition are
     * branches the first one's only, since one must stay.
     */
    public static List<Branch> removable(List<Branch> branches) {
        Map<String, Branch> first = new LinkedHashMap<>();
        branches.forEach(branch -> first.putIfAbsent(branch.add(), branch));
        return List.copyOf(first.values());
    }

    private static void find(
            Network network, ChannelGroups groups, String add, String end, String shortcut, List<Branch> branches) {
        Set<String> own = ancestors(network, end);
        own.removeAll(ancestors(network, shortcut));
        boolean readElsewhere = own.stream()
                .anyMatch(name -> network.consumers(name).stream()
                        .anyMatch(c -> !own.contains(c.name()) && !c.name().equals(add)));
        if (own.isEmpty() || readElsewhere) {
            return;
        }
        List<String> inner = groups.prunable().stream()
                .filter(g -> g.uses().stream().allMatch(u -> own.contains(u.node())))
                .filter(g -> cuts(network, groups, g, own, end))
                .map(ChannelGroup::id)
                .toList();
        if (!inner.isEmpty()) {
            List<String> nodes = network.nodes().stream()
                    .map(Node::name)
                    .filter(own::contains)
                    .toList();
            branches.add(new Branch(add, end, shortcut, nodes, inner));
        }
    }

    /** Whether nothing reaches the branch's end but through the group, so that without it the end is constant. */
    private static boolean cuts(
            Network network, ChannelGroups groups, ChannelGroup group, Set<String> own, String end) {
        Set<String> cut = new HashSet<>();
        for (Node node : network.nodes()) {
            if (own.contains(node.name())
                    && (groups.of(node.name()).equals(List.of(group)) || cut.containsAll(node.inputs()))) {
                cut.add(node.name());
            }
        }
        return cut.contains(end);
    }

    /** The node and all that it depends on, without the image. */
    private static Set<String> ancestors(Network network, String tensor) {
        Set<String> found = new HashSet<>();
        found.add(tensor);
        for (int i = network.nodes().size() - 1; i >= 0; i--) {
            Node node = network.nodes().get(i);
            if (found.contains(node.name())) {
                found.addAll(node.inputs());
            }
        }
        found.remove(Network.INPUT);
        return found;
    }
}
