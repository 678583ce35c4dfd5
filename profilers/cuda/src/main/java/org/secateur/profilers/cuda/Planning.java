package org.secateur.profilers.cuda;

import org.secateur.results.core.Request;

/**
 * What a plan is made with: what was asked for, and where descriptors, workspaces, timings and algorithms come from.
 */
record Planning(
        Request request, Descriptors descriptors, Scratch scratch, EventTimer timer, ConvolutionChoices choices) {
    Gpu gpu() {
        return descriptors.gpu();
    }
}
