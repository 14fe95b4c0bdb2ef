<?php
// A web shop in PHP with curl: `shop.php PORTAL KEY place|follow|refund ARGUMENT`, answers in JSON.

declare(strict_types=1);

final class Refused extends Exception
{
    public array $faults = [];
}

final class Portal
{
    public string $cursor = '';

    public function __construct(private string $address, private string $key)
    {
    }

    private function call(string $method, string $path, ?array $body = null): mixed
    {
        $curl = curl_init($this->address . $path);
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 30,
            CURLOPT_HTTPHEADER => ["Authorization: ddd_token $this->key", 'Content-Type: application/json'],
            CURLOPT_HEADERFUNCTION => function ($curl, string $line): int {
                if (stripos($line, 'X-Next-Cursor:') === 0) {
                    $this->cursor = trim(substr($line, strlen('X-Next-Cursor:')));
                }
                return strlen($line);
            },
        ]);
        if ($body !== null) {
            curl_setopt($curl, CURLOPT_POSTFIELDS, json_encode($body));
        }
        $raw = curl_exec($curl);
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        $found = json_decode((string) $raw, true);
        if ($status === 422) {
            $refused = new Refused();
            $refused->faults = array_column($found['errors'], 'code', 'pointer');
            throw $refused;
        }
        if ($status !== 200) {
            throw new Exception("$method $path: $status $raw " . curl_error($curl));
        }
        return $found;
    }

    public function place(string $orderNo): array
    {
        // As rows of a database are: numbers and booleans as text.
        $piece = fn (string $price): array => [
            'VariantId' => '100001',
            'SalesPrice' => $price,
            'EffectiveSalesPrice' => $price,
            'DiscountAmount' => '0.00',
        ];
        $order = [
            'OrderNo' => $orderNo,
            'ShopId' => '996001',
            'IsPaid' => '1',
            'CustomerNumber' => '0',
            'ReceiveAddress' => 'Åse Ø. Sørensen#Bakkevej 3#8000 Aarhus C',
            'WebOrderLines' => [$piece('1299.95'), $piece('199.95')],
        ];
        $stored = [];
        foreach ([1, 2] as $_) {
            $stored[] = $this->call('POST', '/api/weborder/clickandcollect', $order);
        }
        $line = $this->call('GET', '/api/weborder/fetch/orderNo/' . rawurlencode($orderNo))['WebOrderLines'][1];
        $change = ['OrderNo' => $orderNo, 'WebOrderLines' => [['Id' => $line['Id'], 'Notes' => 'Gave']]];
        $changed = $this->call('PUT', '/api/weborder', $change);
        $refused = null;
        try {
            $this->call('POST', '/api/weborder/clickandcollect', ['OrderNo' => 'none', 'ShopId' => '1'] + $order);
        } catch (Refused $error) {
            $refused = $error->faults;
        }
        $found = $this->call('GET', '/api/weborder/fetch/orderNo/' . rawurlencode($orderNo));
        $notes = array_column($found['WebOrderLines'], 'Notes');
        return ['stored' => $stored, 'changed' => $changed, 'refused' => $refused, 'notes' => $notes];
    }

    public function follow(string $cursor): array
    {
        $this->cursor = $cursor;
        $orders = [];
        do {
            $cursor = rawurlencode($this->cursor);
            $found = $this->call('GET', "/api/weborder/status/All/since/webshop?cursor=$cursor");
            foreach ($found as $order) {
                $orders[$order['OrderNo']] = array_column($order['WebOrderLines'], 'Status');
            }
        } while ($found);
        return ['cursor' => $this->cursor, 'orders' => (object) $orders];
    }

    public function refund(string $orderNo): array
    {
        $amounts = $states = [];
        foreach ($this->call('GET', '/api/returns/refunds') as $one) {
            if ($one['OrderNo'] !== $orderNo) {
                continue;
            }
            $amounts[] = $one['Amount'];
            $this->call('POST', "/api/returns/refunds/{$one['Id']}/close", ['Reference' => "pay-{$one['Id']}"]);
            $states[] = $this->call('GET', "/api/returns/refunds/{$one['Id']}")['State'];
        }
        return ['amounts' => $amounts, 'states' => $states];
    }
}

[, $address, $key, $what, $argument] = $argv;
echo json_encode((new Portal($address, $key))->$what($argument)), "\n";
