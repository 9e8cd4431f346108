/// <reference types="node" preserve="true" />
/** `pulsar-wsgi/observe`: metrics of an application's own. */
export {
  counter, gauge, histogram, type Counter, type Gauge, type Histogram, type HistogramOptions, type Labels, type MetricOptions,
} from './application-metrics.ts'
