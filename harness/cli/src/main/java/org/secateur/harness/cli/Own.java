package org.secateur.harness.cli;

import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Network;

/** A network and data that a Java program brings, instead of those that a command names. */
record Own(Network network, Dataset data) {}
